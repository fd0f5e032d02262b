# Từ dùng cho mã: `word-<nhóm>-<mã>`.

word-state-draft = Nháp
word-state-submitted = Đã trình
word-state-received = Đang xem xét
word-state-approved = Đã duyệt trong hệ thống
word-state-issued = Đã có văn bản cho phép
word-state-reported = Đã báo cáo kết quả
word-state-closed = Đã kết thúc
word-state-returned = Trả lại để bổ sung
word-state-lapsed = Hết hiệu lực vì không bổ sung
word-state-rejected = Không đồng ý
word-state-cancelled = Đã hủy
word-state-revoked = Đã thu hồi

word-outcome-no-show = Không đến
word-outcome-duplicate = Trùng hồ sơ khác

word-direction-inbound = Đoàn vào
word-direction-outbound = Đoàn ra

word-origin-system = Lập trong hệ thống
word-origin-ledger = Nhập từ sổ cũ
word-origin-after-the-fact = Đón trước, báo sau

word-channel-party = Đảng
word-channel-state = Nhà nước
word-channel-people = Nhân dân

word-guest-base-abroad = Từ nước ngoài vào
word-guest-base-resident-vn = Đang ở Việt Nam

word-rank-special = Hạng đặc biệt
word-rank-a = Hạng A
word-rank-b = Hạng B
word-rank-c = Hạng C
word-rank-other = Khách mời quốc tế khác

word-guest-kind-government = Cơ quan nhà nước
word-guest-kind-party = Đảng chính trị
word-guest-kind-ngo = Tổ chức phi chính phủ nước ngoài
word-guest-kind-intergovernmental = Tổ chức liên chính phủ
word-guest-kind-business = Doanh nghiệp
word-guest-kind-academic = Trường, viện
word-guest-kind-friendship = Hội hữu nghị
word-guest-kind-press = Báo chí
word-guest-kind-other = Khác

word-head-level-city-head = Cấp trưởng của thành phố
word-head-level-city-deputy = Cấp phó của thành phố
word-head-level-unit = Cấp sở, xã và tương đương

word-leadership-head = Cấp trưởng
word-leadership-deputy = Cấp phó
word-leadership-neither = Không giữ chức lãnh đạo

word-plan-status-in-plan = Trong kế hoạch
word-plan-status-off-plan = Ngoài kế hoạch
word-plan-status-replaces = Thay mục trong kế hoạch

word-field-friendship = Hữu nghị
word-field-politics = Chính trị
word-field-economy = Kinh tế
word-field-education = Giáo dục
word-field-health = Y tế
word-field-culture = Văn hóa
word-field-environment = Môi trường
word-field-agriculture = Nông nghiệp
word-field-science = Khoa học và công nghệ
word-field-humanitarian = Nhân đạo
word-field-youth = Thanh niên
word-field-press = Báo chí
word-field-other = Khác

word-member-role-head = Trưởng đoàn
word-member-role-member = Thành viên
word-member-role-interpreter = Phiên dịch
word-member-role-press = Phóng viên
word-member-role-companion = Người đi cùng

word-visa-not-needed = Không cần thị thực
word-visa-needed = Cần thị thực
word-visa-held = Đã có thị thực

word-passport-type-ordinary = Phổ thông
word-passport-type-official = Công vụ
word-passport-type-diplomatic = Ngoại giao

word-sex-male = Nam
word-sex-female = Nữ
word-sex-unspecified = Không ghi

word-attendance-unknown = Chưa rõ
word-attendance-came = Có đến
word-attendance-absent = Không đến
word-attendance-added = Bổ sung khi đến

word-payer-host = Phía mời
word-payer-state = Ngân sách nhà nước
word-payer-unit = Kinh phí đơn vị
word-payer-personal = Cá nhân
word-payer-enterprise = Doanh nghiệp

word-managed-by-thanh-uy = Thành ủy quản lý
word-managed-by-pc = UBND thành phố quản lý
word-managed-by-unit = Đơn vị quản lý

word-zone-normal = Không hạn chế
word-zone-sea-border = Khu vực biên giới biển
word-zone-border = Khu vực biên giới
word-zone-restricted = Khu vực cấm

word-signing-form-tm = TM. (thay mặt)
word-signing-form-kt = KT. (ký thay)
word-signing-form-tl = TL. (thừa lệnh)
word-signing-form-tuq = TUQ. (thừa ủy quyền)
word-signing-form-q = Q. (quyền)

word-role-officer = Chuyên viên
word-role-clerk = Văn thư
word-role-secretary = Thư ký lãnh đạo
word-role-appraiser = Người thẩm định
word-role-approver = Người phê duyệt
word-role-auditor = Kiểm tra viên
word-role-admin = Quản trị

word-command-save = Sửa hồ sơ
word-command-amend = Sửa đổi, bổ sung
word-command-submit = Trình hồ sơ
word-command-recall = Rút về
word-command-receive = Tiếp nhận
word-command-advance = Xem xét, quyết định
word-command-record-opinion = Ghi văn bản trả lời
word-command-issue = Ban hành văn bản
word-command-report = Báo cáo kết quả
word-command-close = Kết thúc hồ sơ
word-command-cancel = Hủy đoàn
word-command-revoke = Thu hồi quyết định cho phép
word-command-duplicate = Đánh dấu trùng

word-verdict-approve = Đồng ý
word-verdict-approve-with-conditions = Đồng ý có điều kiện
word-verdict-return = Trả lại
word-verdict-reject = Không đồng ý
word-verdict-forward = Chuyển cấp trên kèm ý kiến

word-step-state-waiting = Chưa tới lượt
word-step-state-open = Đang chờ
word-step-state-done = Xong
word-step-state-dropped = Không còn cần



word-waits-for-submit = Hoàn thiện và trình
word-waits-for-receive = Tiếp nhận hồ sơ
word-waits-for-decide = Xem xét, quyết định
word-waits-for-record-opinion = Ghi văn bản trả lời
word-waits-for-issue = Ban hành văn bản
word-waits-for-supplement = Bổ sung hồ sơ
word-waits-for-report = Báo cáo kết quả
word-waits-for-close = Kết thúc hồ sơ
word-waits-for-override = Trả lời đề nghị ngoại lệ

word-alert-no-permit = Sắp đến mà chưa có văn bản cho phép
word-alert-permit-expires = Văn bản cho phép hết hạn trước khi đoàn rời đi
word-alert-obligation-overdue = Có việc quá hạn

word-organisation-kind-city = UBND thành phố
word-organisation-kind-city-office = Văn phòng UBND
word-organisation-kind-foreign-affairs = Sở Ngoại vụ
word-organisation-kind-union = Liên hiệp hữu nghị
word-organisation-kind-association = Hội thành viên
word-organisation-kind-university = Trường đại học
word-organisation-kind-department = Sở, ngành

word-account-state-invited = Chưa kích hoạt
word-account-state-active = Đang hoạt động
word-account-state-disabled = Đã khóa

word-role-means-officer = lập, sửa, trình hồ sơ đoàn; báo cáo kết quả; ghi nhận khách, đối tác, kế hoạch
word-role-means-clerk = tiếp nhận, vào sổ, ban hành văn bản; không quyết định
word-role-means-secretary = xem và chuẩn bị hộp việc của lãnh đạo; không quyết định
word-role-means-appraiser = thẩm định hồ sơ đã tiếp nhận và đề xuất với lãnh đạo
word-role-means-approver = phê duyệt hồ sơ; ủy quyền bằng văn bản
word-role-means-auditor = xem mọi hồ sơ và nhật ký, trừ số hộ chiếu; không thay đổi gì
word-role-means-admin = quản lý tài khoản, đơn vị và thư; không xem hồ sơ, không quyết định

word-lang-vi = Tiếng Việt
word-lang-en = English

word-browser-firefox = Firefox
word-browser-edge = Edge
word-browser-opera = Opera
word-browser-coc-coc = Cốc Cốc
word-browser-chrome = Chrome
word-browser-safari = Safari
word-browser-other = Chương trình khác

word-platform-windows = Windows
word-platform-android = Android
word-platform-ios = iOS
word-platform-macos = macOS
word-platform-linux = Linux
word-platform-other = hệ khác

word-mail-state-queued = Chờ gửi
word-mail-state-claimed = Đang gửi
word-mail-state-unknown = Không rõ đã tới chưa
word-mail-state-sent = Đã gửi
word-mail-state-dead = Gửi không được
word-mail-state-held = Tạm giữ

word-notice-submitted-for-receipt = Hồ sơ chờ tiếp nhận
word-notice-received-for-step = Hồ sơ chờ xem xét
word-notice-approved-officer = Hồ sơ đã được phê duyệt
word-notice-approved-to-issue = Chờ ban hành văn bản
word-notice-issued-officer = Đã có văn bản cho phép
word-notice-issued-appraiser = Đã ban hành văn bản (người thẩm định)
word-notice-issued-cohost = Đã có văn bản cho phép (đơn vị phối hợp)
word-notice-returned = Hồ sơ được trả lại
word-notice-rejected = Hồ sơ không được chấp thuận
word-notice-revoked = Văn bản bị thu hồi
word-notice-invitation = Kích hoạt tài khoản
word-notice-lapsed = Hồ sơ hết hiệu lực
word-notice-cancelled = Hồ sơ đã hủy
word-notice-recalled = Hồ sơ được rút lại
word-notice-override-asked = Đề nghị ngoại lệ
word-notice-override-answered = Trả lời đề nghị ngoại lệ
word-notice-digest = Nhắc việc trong ngày
word-notice-return-prepared = Báo cáo chờ kiểm tra và chốt
word-notice-return-closed = Báo cáo đã chốt

word-severity-block = Bắt buộc
word-severity-warn = Cảnh báo
word-severity-info = Lưu ý

word-rule-status-law = Quy định quốc gia
word-rule-status-local = Quy định nơi khác, để tham khảo
word-rule-status-default = Mặc định, chờ thành phố xác nhận

word-confidence-f1 = Đã đọc văn bản gốc
word-confidence-f2 = Theo nguồn thứ cấp
word-confidence-m = Theo hiểu biết chung
word-confidence-u = Chưa chắc chắn
word-confidence-city = Thành phố xác nhận

word-selected-by-filing = theo ngày nộp hồ sơ
word-selected-by-event = theo ngày của chuyến thăm, chuyến đi

word-day-kind-holiday = Nghỉ lễ
word-day-kind-makeup-off = Nghỉ bù
word-day-kind-swap-off = Nghỉ hoán đổi
word-day-kind-swap-work = Làm bù
word-day-kind-closure = Cơ quan nghỉ
word-day-kind-uncertain = Có thể hoán đổi

word-weekday-0 = Thứ Hai
word-weekday-1 = Thứ Ba
word-weekday-2 = Thứ Tư
word-weekday-3 = Thứ Năm
word-weekday-4 = Thứ Sáu
word-weekday-5 = Thứ Bảy
word-weekday-6 = Chủ nhật

word-plan-state-planned = Trong kế hoạch
word-plan-state-dropped = Đã đưa ra

word-event-organisation-renamed = Đổi tên đơn vị

word-event-delegation-registered = Lập hồ sơ
word-event-delegation-saved = Sửa hồ sơ
word-event-delegation-copied = Sao chép thành hồ sơ mới
word-event-delegation-submitted = Trình hồ sơ
word-event-delegation-recalled = Rút về
word-event-delegation-received = Tiếp nhận
word-event-delegation-step-decided = Quyết định ở một bước
word-event-delegation-opinion-recorded = Ghi văn bản trả lời
word-event-delegation-approved = Đã duyệt
word-event-delegation-returned = Trả lại để bổ sung
word-event-delegation-rejected = Không đồng ý
word-event-delegation-issued = Ban hành văn bản
word-event-delegation-reported = Báo cáo kết quả
word-event-delegation-closed = Kết thúc hồ sơ
word-event-delegation-cancelled = Hủy đoàn
word-event-delegation-revoked = Thu hồi quyết định cho phép
word-event-delegation-lapsed = Hết hiệu lực vì không bổ sung
word-event-delegation-amendment-opened = Mở sửa đổi, bổ sung
word-event-delegation-marked-duplicate = Đánh dấu trùng
word-event-delegation-obligations-planned = Lập các việc phải làm
word-event-delegation-obligation-done = Xong một việc phải làm
word-event-delegation-reader-named = Thêm người được xem
word-event-delegation-override-asked = Đề nghị ngoại lệ với một quy định
word-event-delegation-override-answered = Trả lời đề nghị ngoại lệ
word-event-paper-added = Tải giấy tờ lên
word-event-paper-deleted = Xóa giấy tờ
word-event-paper-downloaded = Tải giấy tờ về
word-event-paper-handled-offline = Ghi giấy tờ xử lý ngoài hệ thống
word-event-paper-quarantined = Cách ly giấy tờ
word-event-paper-refused = Từ chối giấy tờ
word-event-paper-rendered = Kết xuất văn bản
word-event-person-registered = Ghi nhận người mới
word-event-person-corrected = Sửa thông tin người
word-event-person-completed = Bổ sung thông tin người
word-event-person-document-added = Thêm hộ chiếu
word-event-delegation-member-added = Thêm thành viên
word-event-delegation-member-changed = Sửa thành viên
word-event-delegation-member-removed = Bớt thành viên

word-file-kind-request-letter = Văn bản xin phép
word-file-kind-invitation = Thư mời
word-file-kind-guest-list = Danh sách khách
word-file-kind-programme = Chương trình
word-file-kind-passport-scan = Bản chụp hộ chiếu
word-file-kind-permit = Văn bản cho phép đã ký
word-file-kind-result-report = Báo cáo kết quả
word-file-kind-signed-decision = Quyết định đã ký
word-file-kind-opinion = Văn bản trả lời
word-file-kind-mandate-letter = Văn bản ủy quyền
word-file-kind-sea-border-form = Giấy tờ khu vực biên giới biển
word-file-kind-protocol-plan = Kế hoạch lễ tân
word-file-kind-visa-request = Đề nghị cấp thị thực
word-file-kind-draft-agreement = Dự thảo thỏa thuận
word-file-kind-cost-estimate = Dự toán kinh phí
word-file-kind-party-decision = Quyết định của Đảng
word-file-kind-press-form = Hồ sơ báo chí
word-file-kind-ngo-certificate = Giấy đăng ký tổ chức phi chính phủ
word-file-kind-intro-letter = Giấy giới thiệu
word-file-kind-other = Giấy tờ khác

word-paper-state-stored = Có trong hệ thống
word-paper-state-offline = Xử lý ngoài hệ thống
word-paper-state-deleted = Đã xóa
word-paper-state-quarantined = Đã cách ly

word-obligation-state-open = Chưa xong
word-obligation-state-done = Đã xong
word-obligation-state-dropped = Không còn phải làm

word-rule-verdict-violated = Không đạt
word-rule-verdict-unknown = Chưa đủ thông tin
word-rule-verdict-met = Đạt
word-rule-verdict-noted = Lưu ý
word-rule-verdict-no-rule-in-force = Không có quy định đang hiệu lực

word-addressee-requester = Đơn vị lập hồ sơ
word-addressee-appraiser = Người thẩm định

word-answer-agrees = Đồng ý
word-answer-agrees-with-conditions = Đồng ý có điều kiện
word-answer-objects = Không đồng ý
word-answer-no-answer = Không trả lời
word-event-calendar-closed = Đóng lịch cá nhân
word-event-calendar-opened = Mở lịch cá nhân
word-event-delegation-loaded = Đưa một hồ sơ từ sổ cũ vào
word-event-delegations-exported = Xuất danh sách đoàn
word-event-inbox-prepared = Sắp xếp hộp việc của lãnh đạo
word-event-ledger-loaded = Nhập cả một sổ cũ
