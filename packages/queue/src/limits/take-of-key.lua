-- KEYS bucket, the day's count. ARGV as permit-clock.lua, then: µs per lead (0 = no rate), burst, leads a day (0 = no limit), ms until the day ends,
-- 1 if it counts in the day's.
-- Returns 'taken' | 'rate' | 'daily', ms to wait. Nothing is counted unless the lead is taken.
local interval, burst, daily = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if daily > 0 and (tonumber(redis.call('GET', KEYS[2])) or 0) >= daily then return { 'daily', tonumber(ARGV[6]) } end
if interval > 0 then
  local tolerance = (burst - 1) * interval
  -- A clock that was set back must not stop a key for longer than an empty bucket does.
  local before = math.min(tonumber(redis.call('GET', KEYS[1])) or nowUs, nowUs + tolerance + interval)
  local waitUs = before - tolerance - nowUs
  if waitUs > 0 then return { 'rate', math.ceil(waitUs / 1000) } end
  keep(math.max(before, nowUs) + interval)
end
if daily > 0 and ARGV[7] == '1' and redis.call('INCR', KEYS[2]) == 1 then redis.call('PEXPIRE', KEYS[2], ARGV[6] + 86400000) end
return { 'taken', 0 }
