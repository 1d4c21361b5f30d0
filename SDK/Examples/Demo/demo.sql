-- Orders stand in SQLite, customers in CSV, events in Parquet: which countries look, and which buy?
SELECT c.country,
       count(DISTINCT c.customer_id)                    AS buyers,
       sum(o.orders)                                    AS orders,
       cast(sum(o.revenue) AS decimal(12, 2))           AS revenue,
       sum(e.visits)                                    AS visits,
       round(100.0 * sum(o.orders) / sum(e.visits), 1)  AS orders_per_100_visits
FROM files.customers AS c
JOIN (SELECT customer_id, count(*) AS orders, sum(quantity * price) AS revenue
      FROM shop.orders
      WHERE ordered_at >= timestamp '2026-02-01' AND status = 'shipped'
      GROUP BY customer_id) AS o ON o.customer_id = c.customer_id
JOIN (SELECT customer_id, count(*) AS visits
      FROM web.events
      WHERE happened_at >= timestamp '2026-02-01' AND page IN ('/product', '/cart')
      GROUP BY customer_id) AS e ON e.customer_id = c.customer_id
WHERE c.country <> 'Chile'
GROUP BY c.country
ORDER BY revenue DESC;
