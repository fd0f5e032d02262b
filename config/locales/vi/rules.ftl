# Cách tính thời hạn, thành một câu. Biến: $n số, $anchor ngày mốc, $name tên ngày nghỉ, $days những ngày nghỉ,
# $years các năm chưa có lịch, $day ngày cuối.

rules-term-before-wd = { $n } ngày làm việc trước { $anchor }
rules-term-before-cd = { $n } ngày trước { $anchor }
rules-term-before-h = { $n } giờ trước mốc ngày { $anchor }
rules-term-after-wd = { $n } ngày làm việc sau { $anchor }
rules-term-after-cd = { $n } ngày sau { $anchor }
rules-term-after-h = { $n } giờ sau mốc ngày { $anchor }
rules-skipped = trừ { $name } { $days }
rules-uncovered = chưa có lịch chính thức năm { $years }, chỉ là dự tính
rules-by = chậm nhất { $day }
