-- KEYS the answers of this period. ARGV phone, answer, most, ms to keep the period's answers.
-- A period that is full keeps no further phone: those are asked about again.
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 or redis.call('HLEN', KEYS[1]) < tonumber(ARGV[3]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
  redis.call('PEXPIRE', KEYS[1], ARGV[4])
end
