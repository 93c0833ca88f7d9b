-- KEYS registry, and the notices for any worker. ARGV prefixes of a dialer's field and of a worker's notices, ms until notices expire, then
-- dialer ids. A dialer without an owner is added to the registry. Its owner is notified, or any worker. All keys share a hash tag.
for at = 4, #ARGV do
  local owner = redis.call('HGET', KEYS[1], ARGV[1] .. ARGV[at])
  if not owner then redis.call('HSET', KEYS[1], ARGV[1] .. ARGV[at], '') end
  local notices = KEYS[2]
  if owner and owner ~= '' then notices = ARGV[2] .. owner end
  redis.call('ZADD', notices, 0, ARGV[at])
  redis.call('PEXPIRE', notices, ARGV[3])
end
