-- A longer hold of the dialing system stays.
--
-- KEYS hold, note. ARGV ms, note.
local own = redis.call('GET', KEYS[1]) == 'ops'
if own or redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], 'ops', 'PX', ARGV[1])
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[1])
end
