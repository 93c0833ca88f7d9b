-- KEYS registry. ARGV field, expected owner, new owner. Returns 1 if the lease now belongs to the new owner.
local owner = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if owner == ARGV[3] then return 1 end
if owner ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
