-- By the owner of the claim, which ends with it.
--
-- KEYS claim, trouble. ARGV owner, the trouble, ms that it lasts.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
redis.call('DEL', KEYS[1])
return 1
