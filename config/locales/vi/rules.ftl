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
rules-moved-before = { $day } là ngày nghỉ, lùi về ngày làm việc liền trước
rules-moved-after = { $day } là ngày nghỉ, chuyển sang ngày làm việc kế tiếp
rules-uncertain = chưa chắc chắn: { $days } ({ $name })

# Những điểm không khớp, mỗi điểm một câu. Số thứ tự đếm từ 1.

mismatch-letter_people = Văn bản ghi { $letter } người, danh sách có { $list } người.
mismatch-item_outside = Hoạt động số { $no } trong chương trình vào ngày { $day }, ngoài những ngày của đoàn ({ $first } - { $last }).
mismatch-stay_outside = Chặng số { $no } ({ $from } - { $to }) nằm ngoài chuyến đi ({ $first } - { $last }).
mismatch-cost_product = Khoản kinh phí số { $no } ghi { $amount }, nhưng { $persons } người x { $days } ngày x { $rate } là { $product }.
mismatch-cost_persons = Khoản kinh phí số { $no } tính cho { $persons } người, danh sách có { $people } người.
mismatch-cost_uncovered = Dự toán tính cho tổng cộng { $persons } người, danh sách có { $people } người.
mismatch-cost_days = Khoản kinh phí số { $no } tính { $days } ngày, chuyến đi có { $trip } ngày.
mismatch-passport_short = Hộ chiếu của thành viên số { $no } hết hạn ngày { $expires }; phải còn hạn đến { $needed }.
mismatch-overlap = Thành viên số { $no } cùng lúc thuộc đoàn khác: { $others }.
mismatch-party_too_large = Đoàn có { $people } người; trưởng đoàn cấp này không quá { $most } người.
mismatch-country_too_long = { $days } ngày ở { $country }, không quá { $most } ngày.
mismatch-too_many_countries = { $countries } nước, không quá { $most } nước.
mismatch-trip_too_long = Chuyến đi { $days } ngày, không quá { $most } ngày.
mismatch-too_many_trips = Đây là chuyến thứ { $trips } trong năm của thành viên số { $no }, không quá { $most } chuyến.
mismatch-leaders_together = Thành viên số { $head } là cấp trưởng, thành viên số { $deputy } là cấp phó của cùng một cơ quan.
mismatch-forbidden_payer = Khoản kinh phí số { $no } do nguồn không được phép chi trả.
mismatch-delegation-confidential = một đoàn thuộc diện hạn chế
mismatch-delegation-elsewhere = một đoàn của cơ quan khác

# Thông tin mà quy định cần biết, trong bảng tự kiểm tra.

fact-direction = chiều của đoàn
fact-origin = nguồn hồ sơ
fact-amends = có phải là sửa đổi
fact-owner-kind = loại đơn vị nộp
fact-guest-kinds = loại khách
fact-rank = hạng đoàn
fact-channel = kênh đối ngoại
fact-countries = quốc gia
fact-sensitive = yếu tố nhạy cảm
fact-press = có phóng viên hay không
fact-press-new = có phóng viên mới hay không
fact-press-permitted = phóng viên đã được phép
fact-visa-needed = nhu cầu thị thực
fact-sponsored = có bảo lãnh hay không
fact-urgent = có gấp hay không
fact-training = có phải đào tạo hay không
fact-plan = kế hoạch năm
fact-head-level = cấp của trưởng đoàn
fact-filed-on = ngày nộp hồ sơ
fact-arrives-on = ngày đến
fact-departs-on = ngày đi
fact-enters-vn-on = ngày nhập cảnh (về nước)
fact-leaves-vn-on = ngày xuất cảnh
fact-programme = chương trình
fact-stays = các chặng
fact-funding = kinh phí
fact-people = số người
fact-people-in-letter = số người theo văn bản
fact-travellers = thành viên
fact-papers = giấy tờ
fact-answers = ý kiến bằng văn bản
fact-ngo-registration = giấy đăng ký tổ chức phi chính phủ
fact-ngo-registration-expires-on = thời hạn giấy đăng ký
fact-overdue = việc quá hạn của đơn vị
fact-issued-on = ngày ban hành văn bản cho phép
fact-managed-by = cấp quản lý cán bộ
fact-leadership = chức danh lãnh đạo
fact-passport-type = loại hộ chiếu
fact-party-member = đảng viên
fact-overnight = có lưu trú qua đêm hay không
fact-passport-expires-on = ngày hết hạn hộ chiếu
fact-trips-this-year = số chuyến đi trong năm
fact-overlaps = đoàn khác cùng thời gian
trial-title = Thử quy định với một đoàn
trial-lead = Chưa cần lập hồ sơ: nêu điều đã biết, hệ thống cho biết phải nộp chậm nhất ngày nào, cần giấy tờ gì, ai phải có ý kiến và theo văn bản nào. Điều để trống được coi là chưa biết. Không có gì được lưu; địa chỉ của trang giữ câu hỏi, gửi cho đồng nghiệp được.
trial-ask = Xem quy định nói gì
trial-clear = Bắt đầu lại
trial-empty = Chọn chiều đi và nêu các ngày đã biết; kết quả hiện ở đây.
label-filed-on = Ngày nộp hồ sơ
hint-trial-filed-on = Để trống là hôm nay.
label-trial-countries = Khách từ, hoặc đi đến
label-visa-needed = Có khách cần thị thực không
label-people = Số người
