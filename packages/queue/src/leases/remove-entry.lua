-- KEYS registry. ARGV field, expected value. Returns 1 if the entry was removed.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])
