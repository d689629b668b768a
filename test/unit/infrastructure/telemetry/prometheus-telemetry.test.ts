import { PrometheusTelemetry } from '#infrastructure/telemetry/prometheus-telemetry';

async function linesOf(telemetry: PrometheusTelemetry): Promise<readonly string[]> {
  return (await telemetry.exposition()).text.split('\n');
}

describe('the metrics', () => {
  it('count under the names that dashboards are built on', async () => {
    const telemetry = new PrometheusTelemetry();
    telemetry.sessionCreated('free');
    telemetry.sessionCreated('free');
    telemetry.limitRefused('session_limit_exceeded');
    telemetry.transcriptionStarted('sandbox', 'original');
    telemetry.transcriptionFinished('sandbox', 'completed', 61);
    telemetry.transcriptionFinished('sandbox', 'completed', 0.5);
    telemetry.holdClosed('settled', 42);
    telemetry.jobRan('transcribe', 'done', 3);
    telemetry.httpAnswered('POST', '/api/v1/sessions', 200, 0.004);
    const lines = await linesOf(telemetry);
    for (const line of [
      'sessions_created_total{plan="free"} 2',
      'limit_refusals_total{limit="session_limit_exceeded"} 1',
      'transcriptions_started_total{provider="sandbox",type="original"} 1',
      'transcription_seconds_total{provider="sandbox",outcome="completed"} 61.5',
      'usage_hold_seconds_sum{state="settled"} 42',
      'usage_hold_seconds_count{state="settled"} 1',
      'job_duration_seconds_count{task="transcribe",outcome="done"} 1',
      'http_request_duration_seconds_count{method="POST",route="/api/v1/sessions",status="200"} 1',
      'http_request_duration_seconds_bucket{le="0.005",method="POST",route="/api/v1/sessions",status="200"} 1',
      'http_request_duration_seconds_bucket{le="0.0025",method="POST",route="/api/v1/sessions",status="200"} 0',
    ]) {
      expect(lines).toContain(line);
    }
  });

  it('of billing are what the tables have, and not what was counted before', async () => {
    const telemetry = new PrometheusTelemetry();
    telemetry.paymentEventLag(4);
    telemetry.paymentEventLag(-1);
    telemetry.webhookRefused();
    telemetry.webhookRepeated();
    telemetry.billingCounted({ subscriptions: { active: 3, trialing: 1 }, invoices: { paid: 7, failed: 2 } });
    telemetry.billingCounted({ subscriptions: { active: 4 }, invoices: { paid: 8, failed: 2 } });
    const lines = await linesOf(telemetry);
    for (const line of [
      'payment_event_lag_seconds_sum 4',
      'payment_event_lag_seconds_bucket{le="5"} 2',
      'webhook_signature_failures_total 1',
      'webhook_replays_blocked_total 1',
      'minutebook_subscriptions{status="active"} 4',
      'minutebook_invoices_total{outcome="paid"} 8',
      'minutebook_invoices_total{outcome="failed"} 2',
    ]) {
      expect(lines).toContain(line);
    }
    expect(lines.join('\n')).not.toContain('status="trialing"');
  });

  it('tell about the process too', async () => {
    const text = (await linesOf(new PrometheusTelemetry())).join('\n');
    for (const name of ['process_cpu_seconds_total', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']) {
      expect(text).toContain(name);
    }
  });

  it('keep one label for all methods that nobody answers', async () => {
    const telemetry = new PrometheusTelemetry();
    for (const method of ['PROPFIND', 'MKCOL', 'BREW']) telemetry.httpAnswered(method, 'none', 404, 0.001);
    expect(await linesOf(telemetry)).toContain(
      'http_request_duration_seconds_count{method="other",route="none",status="404"} 3',
    );
  });

  it('are each registry’s own', async () => {
    new PrometheusTelemetry().sessionCreated('pro');
    expect((await linesOf(new PrometheusTelemetry())).join('\n')).not.toContain('plan="pro"');
  });

  it('are served as Prometheus text', async () => {
    expect((await new PrometheusTelemetry().exposition()).contentType).toMatch(/^text\/plain; version=0\.0\.4/);
  });
});
