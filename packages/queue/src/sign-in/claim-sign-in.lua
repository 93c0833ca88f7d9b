-- A claim with more time left than one is given was made before Redis' clock was set back, and would not end for as long.
--
-- KEYS claim. ARGV owner, ms. Returns 1 if the claim is the owner's.
local left = redis.call('PTTL', KEYS[1])
if left > 0 and left <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
