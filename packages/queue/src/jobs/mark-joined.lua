-- KEYS BullMQ's deduplication key, job. ARGV lead id. Returns 0 if the job was removed from its queue: there is nothing to join.
local joinKey, job = KEYS[1], KEYS[2]
local underWay = redis.call('GET', joinKey) == ARGV[1]
if not underWay and redis.call('HEXISTS', job, 'finishedOn') == 0 then return 0 end
redis.call('HSET', job, 'joined', 1)
return 1
