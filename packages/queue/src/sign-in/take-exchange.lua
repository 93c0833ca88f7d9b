-- At most so many exchanges in any window: a list of their moments, in ms of Redis' clock. Those in the future were noted before that clock
-- was set back; from now on they count as made now.
--
-- KEYS exchanges, count. ARGV most, window in ms. Returns 0, the moment that was noted and how many there are now, or the ms to wait, '' and 0.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local recent = {}
for _, each in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local at, number = string.match(each, '^(%d+)-(%d+)$')
  if tonumber(at) > now then each = string.format('%d-%s', now, number) end
  if tonumber(at) > now - window then recent[#recent + 1] = each end
end
local waitMs, moment = 0, ''
if #recent >= most then
  waitMs = math.max(1, tonumber(string.match(recent[#recent - most + 1], '^%d+')) + window - now)
else
  moment = string.format('%d-%d', now, redis.call('INCR', KEYS[2]))
  recent[#recent + 1] = moment
end
redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[1], unpack(recent))
redis.call('PEXPIRE', KEYS[1], window)
redis.call('PEXPIRE', KEYS[2], window)
return { waitMs, moment, #recent }
