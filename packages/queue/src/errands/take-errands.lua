-- KEYS errands. ARGV most. Returns pairs: how long the answer is waited for in ms, errand. Those that nobody waits for any more are dropped.
local taken = {}
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
while #taken < 2 * tonumber(ARGV[1]) do
  local entry = redis.call('LPOP', KEYS[1])
  if not entry then break end
  local untilMs, errand = string.match(entry, '^(%d+) (.*)$')
  local leftMs = untilMs and tonumber(untilMs) - nowMs or 0
  -- One that waits for longer than any may was added before the clock was set back.
  if leftMs > 0 and leftMs <= 60000 then
    taken[#taken + 1] = leftMs
    taken[#taken + 1] = errand
  end
end
return taken
