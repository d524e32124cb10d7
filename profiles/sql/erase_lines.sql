delete from profiles_orderline where order_id = any(:orders)
