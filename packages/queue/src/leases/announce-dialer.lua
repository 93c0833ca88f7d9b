-- KEYS registry, notices. ARGV field, dialer id, ms until the notices expire. Returns 1 if the dialer was not in the registry yet.
if redis.call('HSETNX', KEYS[1], ARGV[1], '') == 0 then return 0 end
redis.call('RPUSH', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
