-- KEYS registry, and the notices to add one to, if any. ARGV field, expected owner, new owner, dialer id, ms until the notices expire.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if KEYS[2] then
  redis.call('ZADD', KEYS[2], 0, ARGV[4])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
