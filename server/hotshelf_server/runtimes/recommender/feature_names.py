"""The features' names in their order, which is part of a version: a bundle made for another order is refused."""

PERSONAL = (
    "bought_baskets",
    "bought_share",
    "bought_decayed",
    "bought_decayed_share",
    "bought_rank",
    "days_since_bought",
    "days_since_first_bought",
    "purchase_rate",
    "personal_gap",
    "overdue",
    "in_last_basket",
    "bought_recency_rank",
    "overdue_for_product",
)
COLLABORATIVE = ("ease", "ease_share", "ease_rank", "ease_recent", "als", "als_rank")
CATEGORY = ("category_share", "category_decayed", "days_since_category", "category_products")
CUSTOMER = (
    "customer_baskets",
    "customer_products",
    "customer_days_since_basket",
    "customer_days_since_first",
    "customer_basket_gap",
    "customer_basket_size",
    "customer_explore_share",
    "customer_recent_explore_share",
    "customer_recent_baskets",
)
PRODUCT = (
    "product_sold_7",
    "product_sold_14",
    "product_sold_28",
    "product_sold_91",
    "product_sold",
    "product_trend",
    "product_season_trend",
    "product_buyers",
    "product_repeat_share",
    "product_repeat_gap",
    "product_baskets_per_buyer",
    "product_new_share_28",
    "product_days_since_first_sale",
    "product_days_since_sale",
    "product_rank",
)
NAMES = PERSONAL + COLLABORATIVE + CATEGORY + CUSTOMER + PRODUCT
