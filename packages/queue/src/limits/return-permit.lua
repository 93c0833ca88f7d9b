-- Undoes the last permit, or an earlier one from a bucket that has not been full since: then every later permit moved the timestamp by exactly
-- one interval. In other cases, undoing it would return more than was taken.
--
-- KEYS bucket. ARGV as permit-clock.lua, then: before µs, after µs. Returns 1 if the permit was given back.
local before, after = tonumber(ARGV[3]), tonumber(ARGV[4])
local current = tonumber(redis.call('GET', KEYS[1]))
if not current then return 0 end
if current == after then
  keep(before)
  return 1
end
local interval = after - before
if before >= nowUs and (current - after) % interval == 0 then
  keep(current - interval)
  return 1
end
return 0
