-- KEYS errands, once. ARGV errand, how long it may wait in ms, most errands, ms until the like may be added again (0: at once), id.
-- Returns what became of it, and for `recent` the ms until the like may be added again, and its id.
local once, again = KEYS[2], tonumber(ARGV[4])
if again > 0 then
  local left = redis.call('PTTL', once)
  if left > 0 then return { 'recent', left, redis.call('GET', once) } end
end
if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[3]) then return { 'full', 0, '' } end
local time = redis.call('TIME')
local untilMs = time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]
redis.call('RPUSH', KEYS[1], string.format('%.0f', untilMs) .. ' ' .. ARGV[1])
redis.call('PEXPIRE', KEYS[1], 60000)
if again > 0 then redis.call('SET', once, ARGV[5], 'PX', again) end
return { 'added', 0, '' }
