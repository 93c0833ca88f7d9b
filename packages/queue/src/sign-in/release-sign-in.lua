-- KEYS claim. ARGV owner. Another process may have the claim by now.
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
