-- Counts a failure, and holds the dialer if there are enough. Nothing is counted during a hold, because uploads that were under way when it
-- began prove nothing new: four uploads that fail at once are not four failed probes. The longer of two holds wins, so that a failed probe
-- does not shorten a hold of the dialing system.
--
-- KEYS hold, troubles. ARGV field, the count that holds, reason, ms asked for (0 = none), ms until forgotten, ms of the holds in a row.
-- Returns the ms that the dialer is held, and whether a hold began.
local threshold, ms = tonumber(ARGV[2]), tonumber(ARGV[4])
local left = math.max(0, redis.call('PTTL', KEYS[1]))
if left == 0 then
  local count = redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
  if ms == 0 and count >= threshold then
    ms = tonumber(ARGV[5 + math.min(count - threshold + 1, #ARGV - 5)])
  end
end
if ms > left then redis.call('SET', KEYS[1], ARGV[3], 'PX', ms) end
return { math.max(left, ms), left == 0 and ms > 0 and 1 or 0 }
