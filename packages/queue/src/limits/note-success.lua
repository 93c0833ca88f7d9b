-- A hold that the dialing system or operators asked for stays: an upload that was under way when they did proves nothing.
--
-- KEYS hold, troubles.
local reason = redis.call('GET', KEYS[1])
if reason == 'throttled' or reason == 'ops' then
  redis.call('HDEL', KEYS[2], 'failures', 'refusals')
else
  redis.call('DEL', KEYS[1], KEYS[2])
end
