delete from profiles_order where id = any(:orders)
