-- KEYS a queue's meta, wait, prioritized and delayed. Returns whether it is paused; how many jobs wait, with priorities and without; how many
-- are delayed, which is due first, and its score; and which is taken next.
local due = redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')
return {
  redis.call('HEXISTS', KEYS[1], 'paused'),
  redis.call('LLEN', KEYS[2]) + redis.call('ZCARD', KEYS[3]),
  redis.call('ZCARD', KEYS[4]),
  due[1] or '',
  due[2] or '',
  redis.call('LINDEX', KEYS[2], -1) or '',
}
