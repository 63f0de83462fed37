/** run_authenticated_scan starts a scan that logs in, with what it was given. */
import { testStartsWithLogin } from '../support/starts-with-login.ts'

testStartsWithLogin('run_authenticated_scan', { scan_type: 'authenticated' }, 'authenticated')
