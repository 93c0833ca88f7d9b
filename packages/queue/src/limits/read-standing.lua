-- KEYS hold, troubles, note. Returns ms left of the hold, its reason, failures, refusals, note, now in ms.
local time = redis.call('TIME')
return {
  redis.call('PTTL', KEYS[1]), redis.call('GET', KEYS[1]), redis.call('HGET', KEYS[2], 'failures'), redis.call('HGET', KEYS[2], 'refusals'),
  redis.call('GET', KEYS[3]), time[1] * 1000 + math.floor(time[2] / 1000),
}
