-- Holds of the dialing system and of operators stay, because the upload may have started before them.
--
-- KEYS hold, troubles.
local reason = redis.call('GET', KEYS[1])
if reason == 'throttled' or reason == 'ops' then
  redis.call('HDEL', KEYS[2], 'failures', 'refusals')
else
  redis.call('DEL', KEYS[1], KEYS[2])
end
