-- BullMQ counts every start of a job in `ats`. A start that sent nothing counts in `atm` as well, see lead-source.ts; a start whose worker died
-- does not.
--
-- KEYS job, BullMQ's deduplication key, wait, delayed, prioritized, paused. ARGV lead id, '1' to remove also a job that was started and not sent.
-- Returns 1 if the job was removed.
local job, joinKey, wait, delayed, prioritized, paused = unpack(KEYS)
local leadId, evenIfTaken = ARGV[1], ARGV[2] == '1'
local joined, started, unsent = unpack(redis.call('HMGET', job, 'joined', 'ats', 'atm'))
if joined or (started and not (evenIfTaken and started == unsent)) then return 0 end
local found = redis.call('LREM', wait, 1, leadId) + redis.call('ZREM', delayed, leadId)
  + redis.call('ZREM', prioritized, leadId) + redis.call('LREM', paused, 1, leadId)
if found == 0 then return 0 end
if redis.call('GET', joinKey) == leadId then redis.call('DEL', joinKey) end
redis.call('DEL', job)
return 1
