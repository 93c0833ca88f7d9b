-- KEYS registry, and the list for a notice, if any. ARGV field, expected owner, new owner, dialer id, ms until the notices expire.
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
if KEYS[2] then
  redis.call('RPUSH', KEYS[2], ARGV[4])
  redis.call('PEXPIRE', KEYS[2], ARGV[5])
end
