/** run_trusted_scan starts a scan that logs in, with what it was given. */
import { testStartsWithLogin } from '../support/starts-with-login.ts'

testStartsWithLogin('run_trusted_scan', {}, 'authenticated')
