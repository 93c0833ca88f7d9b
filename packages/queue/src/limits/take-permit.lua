-- KEYS bucket, the server that wrote it, and for uploads: hold, troubles.
-- ARGV as permit-clock.lua, then: µs per permit (0 = unlimited), burst, permits left for others, failures from which on only probes are permitted.
-- Returns 'held' | 'wait' | 'granted', ms to wait, before µs, after µs, whether to probe only, whether any trouble is counted.
local interval, burst = tonumber(ARGV[3]), tonumber(ARGV[4])
local probing, troubled = 0, 0
if KEYS[3] then
  local heldMs = redis.call('PTTL', KEYS[3])
  if heldMs > 0 then return { 'held', heldMs, 0, 0, 0, 0 } end
  local troubles = redis.call('HMGET', KEYS[4], 'failures', 'refusals', 'throttles')
  local failures, refusals = tonumber(troubles[1]) or 0, tonumber(troubles[2]) or 0
  if failures >= tonumber(ARGV[6]) or refusals > 0 then probing = 1 end
  if failures + refusals + (tonumber(troubles[3]) or 0) > 0 then troubled = 1 end
end
if interval == 0 then return { 'granted', 0, 0, 0, probing, troubled } end

local tolerance = (burst - 1) * interval
local stored = tonumber(redis.call('GET', KEYS[1]))
local before = stored or nowUs + tolerance
-- A server that has taken over may lack the last permits: its bucket is empty. So is that of one that was restarted, which looks the same.
-- A server that does not tell who it is is taken for the same one. The name outlives the bucket.
local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%x+)') or ''
local isAnother = redis.call('GET', KEYS[2]) ~= server
if isAnother or redis.call('PTTL', KEYS[2]) < tonumber(ARGV[2]) then
  redis.call('SET', KEYS[2], server, 'PX', 7 * ARGV[2])
end
if before > nowUs + tolerance + interval or (stored and isAnother) then
  before = nowUs + tolerance + interval
  keep(before)
end
local left = stored and math.min(tonumber(ARGV[5]), burst - 1) * interval or 0
local waitUs = before - tolerance + left - nowUs
if waitUs > 0 then return { 'wait', math.ceil(waitUs / 1000), 0, 0, 0, 0 } end
local after = math.max(before, nowUs) + interval
keep(after)
return { 'granted', 0, before, after, probing, troubled }
