-- KEYS token, trouble. Returns the token and the ms left of it, the trouble and the ms left of it.
return {
  redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1]), redis.call('GET', KEYS[2]), redis.call('PTTL', KEYS[2]),
}
