-- KEYS key. ARGV ms until it expires.
return redis.call('SET', KEYS[1], '', 'PX', ARGV[1])
