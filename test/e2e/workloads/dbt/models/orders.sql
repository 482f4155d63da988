{{ config(materialized="table") }}
select id, if(id % 2 = 0, 'Zürich', 'Genève') as city, cast(id * 1.5 as decimal(10, 2)) as amount
from range(100)
