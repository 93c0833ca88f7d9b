-- Shared by the permit scripts. KEYS bucket. ARGV now in µs or '' for Redis' own clock, ms that a bucket is kept.
local nowUs = tonumber(ARGV[1])
if not nowUs then
  local time = redis.call('TIME')
  nowUs = time[1] * 1000000 + time[2]
end
local function keep(us) redis.call('SET', KEYS[1], string.format('%.0f', us), 'PX', ARGV[2]) end
