-- By the owner of the claim, which ends with it. A token that has hardly any time left is not kept.
--
-- KEYS claim, token, trouble. ARGV owner, the token, ms left of it.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(ARGV[3]) >= 1 then
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
  redis.call('DEL', KEYS[3])
end
redis.call('DEL', KEYS[1])
return 1
