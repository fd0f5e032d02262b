# Thư gửi tự động. Biến: $code mã hồ sơ, $delegation loại đoàn, $organisation đơn vị, $step việc của bước,
# $name tên người nhận, $period kỳ báo cáo. Không bao giờ có tên khách, số hộ chiếu hay tên đoàn.

mail-greeting = Kính gửi { $name },
mail-greeting-nameless = Kính gửi Ông/Bà,
mail-footer = Thư này được gửi tự động, xin không trả lời. Thư không chứa thông tin về khách; nội dung hồ sơ chỉ xem được sau khi đăng nhập.
mail-action-open = Mở hồ sơ
mail-action-sign-in = Đặt mật khẩu và đăng nhập

mail-delegation = đoàn
mail-delegation-inbound = đoàn vào
mail-delegation-outbound = đoàn ra
mail-no-code = chưa cấp mã

mail-step-endorse = xác nhận
mail-step-appraise = thẩm định
mail-step-opinion = cho ý kiến
mail-step-approve = phê duyệt
mail-step-other = xử lý

mail-label-code = Mã hồ sơ
mail-label-organisation = Đơn vị
mail-label-arrives = Ngày đến
mail-label-departs = Ngày đi
mail-label-due = Hạn
mail-label-period = Kỳ báo cáo
mail-label-sha256 = SHA-256

mail-subject-submitted-for-receipt = [{ $code }] Hồ sơ { $delegation } chờ tiếp nhận
mail-lead-submitted-for-receipt = { $organisation } đã trình hồ sơ { $delegation } { $code }. Đề nghị kiểm tra thành phần hồ sơ và tiếp nhận.

mail-subject-received-for-step = [{ $code }] Hồ sơ { $delegation } chờ { $step }
mail-lead-received-for-step = Hồ sơ { $delegation } { $code } của { $organisation } đã chuyển đến bước của Ông/Bà và đang chờ { $step }.

mail-subject-approved-officer = [{ $code }] Hồ sơ { $delegation } đã được phê duyệt
mail-lead-approved-officer = Hồ sơ { $delegation } { $code } đã được phê duyệt nhưng chưa có văn bản cho phép. Ông/Bà sẽ nhận được thông báo khi văn bản được ban hành.

mail-subject-approved-to-issue = [{ $code }] Chờ ban hành văn bản cho phép
mail-lead-approved-to-issue = Hồ sơ { $delegation } { $code } của { $organisation } đã được phê duyệt. Đề nghị ban hành văn bản cho phép và ghi số, ký hiệu, ngày, người ký.

mail-subject-issued-officer = [{ $code }] Đã có văn bản cho phép
mail-lead-issued-officer = Văn bản cho phép đối với hồ sơ { $delegation } { $code } đã được ban hành. Sau khi đoàn kết thúc, đề nghị báo cáo kết quả thực tế.

mail-subject-issued-appraiser = [{ $code }] Đã ban hành văn bản cho phép
mail-lead-issued-appraiser = Hồ sơ { $delegation } { $code } của { $organisation } mà Ông/Bà đã thẩm định nay đã được ban hành văn bản cho phép.

mail-subject-issued-cohost = [{ $code }] Phối hợp đón đoàn: đã có văn bản cho phép
mail-lead-issued-cohost = Đơn vị của Ông/Bà là đơn vị phối hợp trong hồ sơ { $delegation } { $code } do { $organisation } chủ trì. Văn bản cho phép đã được ban hành.

mail-subject-returned = [{ $code }] Hồ sơ { $delegation } được trả lại để bổ sung
mail-lead-returned = Hồ sơ { $delegation } { $code } được trả lại để bổ sung. Nội dung cần bổ sung nằm trong hồ sơ; quá hạn mà không bổ sung thì hồ sơ hết hiệu lực.

mail-subject-rejected = [{ $code }] Hồ sơ { $delegation } không được chấp thuận
mail-lead-rejected = Hồ sơ { $delegation } { $code } không được chấp thuận. Lý do được ghi trong hồ sơ.

mail-subject-revoked = [{ $code }] Văn bản cho phép bị thu hồi
mail-lead-revoked = Văn bản cho phép đối với hồ sơ { $delegation } { $code } đã bị thu hồi. Lý do được ghi trong hồ sơ.

mail-subject-invitation = Kích hoạt tài khoản
mail-lead-invitation = Một tài khoản tại { $organisation } đã được tạo cho Ông/Bà. Liên kết dưới đây chỉ dùng được một lần, để đặt mật khẩu; xin không chuyển tiếp. Nếu không chờ thư này, xin bỏ qua.

mail-subject-lapsed = [{ $code }] Hồ sơ { $delegation } đã hết hiệu lực
mail-lead-lapsed = Đã quá hạn bổ sung nên hồ sơ { $delegation } { $code } hết hiệu lực. Đây không phải là từ chối; Ông/Bà có thể lập hồ sơ mới từ hồ sơ này.

mail-subject-cancelled = [{ $code }] Hồ sơ { $delegation } đã hủy
mail-lead-cancelled = Hồ sơ { $delegation } { $code } của { $organisation } đã được hủy. Không cần xử lý gì thêm.

mail-subject-recalled = [{ $code }] Hồ sơ { $delegation } đã được rút lại
mail-lead-recalled = { $organisation } đã rút lại hồ sơ { $delegation } { $code } để sửa. Hồ sơ giữ nguyên mã và có thể được trình lại.

mail-subject-override-asked = [{ $code }] Đề nghị ngoại lệ với một quy định
mail-lead-override-asked = { $organisation } đề nghị ngoại lệ với một quy định đối với hồ sơ { $delegation } { $code }. Lý do được ghi trong hồ sơ; đề nghị Ông/Bà xem xét, chấp thuận hoặc từ chối.

mail-subject-override-answered = [{ $code }] Đã có trả lời về đề nghị ngoại lệ
mail-lead-override-answered = Đề nghị ngoại lệ đối với hồ sơ { $delegation } { $code } đã được trả lời. Nội dung trả lời nằm trong hồ sơ.
mail-subject-digest = Nhắc việc: { $count } việc đến hạn hoặc quá hạn
mail-lead-digest = Dưới đây là những việc của Ông/Bà đã đến hạn, sắp đến hạn hoặc quá hạn. Việc đã làm xong đề nghị ghi nhận trong hồ sơ để không bị nhắc nữa.
mail-action-list = Mở danh sách việc

# Thư về báo cáo: $period kỳ báo cáo, $organisation đơn vị lập. Chỉ có liên kết và mã SHA-256, không kèm báo cáo.
mail-subject-return-prepared = Báo cáo { $period } đã lập, chờ kiểm tra và chốt
mail-lead-return-prepared = Hệ thống đã lập báo cáo { $period } của { $organisation }. Đề nghị kiểm tra số liệu rồi chốt kỳ trước hết ngày đến hạn.
mail-subject-return-closed = Báo cáo { $period } đã chốt
mail-lead-return-closed = Báo cáo { $period } của { $organisation } đã được chốt. Mã SHA-256 dưới đây là của bản kê các tệp đã chốt.
mail-action-return = Mở báo cáo

mail-when-due = Hạn { $day }
mail-when-overdue = Quá hạn từ { $day }
mail-when-arrives = Đến ngày { $day }
mail-when-expires = Hết hiệu lực ngày { $day }

mail-matter-police-notice = Thông báo cho Công an thành phố
mail-matter-press-licence = Bổ sung số giấy phép hoạt động báo chí
mail-matter-press-conference = Thông báo về họp báo
mail-matter-sea-border-notice = Thông báo hoạt động tại khu vực biên giới biển
mail-matter-restricted-permit = Bổ sung giấy phép vào khu vực cấm, khu vực biên giới
mail-matter-temporary-stay = Khai báo tạm trú
mail-matter-sponsorship-end = Báo cáo kết thúc việc bảo lãnh
mail-matter-press-report = Báo cáo hoạt động của phóng viên nước ngoài
mail-matter-result-report = Báo cáo kết quả
mail-matter-passport-return = Nộp lại hộ chiếu
mail-matter-cell-report = Báo cáo chi bộ
mail-matter-delivery = Gửi văn bản đến nơi nhận
mail-matter-follow-up = Thông báo cho nơi nhận về văn bản đã thay đổi hoặc hết hiệu lực
mail-matter-other = Việc phải làm khác
mail-matter-no-permit = Đoàn sắp đến nhưng chưa có văn bản cho phép
mail-matter-permit-expires = Văn bản cho phép hết hiệu lực trước khi đoàn rời đi

# Thư gửi bên lưu chứng: $size số mục của nhật ký, $at thời điểm ký.
mail-subject-checkpoint = [Nhật ký] Điểm xác nhận { $size } mục, ký lúc { $at }
mail-lead-checkpoint = Đây là điểm xác nhận đã ký của nhật ký hệ thống: { $size } mục, ký lúc { $at }. Đề nghị lưu thư này cùng tệp đính kèm. Khi cần kiểm tra nhật ký có bị sửa, xóa hay thay bằng bản cũ hay không, chạy lệnh: legation audit verify --checkpoint TỆP
mail-label-keys = Khóa công khai để kiểm tra chữ ký:
