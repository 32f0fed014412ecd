module example.test/sign-in

go 1.21

require (
	github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/captcha v1.1.0
	github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common v1.1.0
)
