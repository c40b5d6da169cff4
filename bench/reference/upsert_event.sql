-- One report the plain way: the figures of a pool and the event that tells of them, in one transaction.
\set number random(1, :pools)
\set occupied random(0, 27)
WITH changed AS (
  UPDATE pool p SET report_version = p.report_version + 1, source_kind = 'api', stated_at = now(),
      observed_at = now(), received_at = now(), valid_until = now() + interval '8 hours',
      counted_until = now(), physical = 30, operable = 28, occupied = :occupied, planned = 1,
      closed = 0, digest = '\x00'
  FROM bench_pool b
  WHERE b.number = :number AND p.id = b.id
  RETURNING p.id, (SELECT row_to_json(s) FROM (SELECT p.report_version AS version,
      p.source_kind AS source, p.observed_at, p.received_at, p.valid_until, p.physical, p.operable,
      p.occupied, p.planned, p.closed, p.closed_reason, p.claimed, p.balance, p.available_from) AS s
    ) AS data
), head AS (
  UPDATE stream SET number = number + 1, tag = 7 WHERE region_id = 1 RETURNING epoch, number, tag
)
INSERT INTO event (region_id, number, epoch, tag, kind, subject_id, at, data)
SELECT 1, h.number, h.epoch, h.tag, 'capacity', c.id, now(), c.data FROM changed c, head h;
