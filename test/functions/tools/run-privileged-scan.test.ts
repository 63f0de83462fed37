/** run_privileged_scan starts a scan that logs in, with what it was given. */
import { testStartsWithLogin } from '../support/starts-with-login.ts'

testStartsWithLogin('run_privileged_scan', { escalation_method: 'sudo' }, 'authenticated_privileged')
