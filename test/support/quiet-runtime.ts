import { DefaultLogger, Runtime, makeTelemetryFilterString } from '@temporalio/worker';

/** Temporal's runtime of this test process logs errors only; what a test provokes on purpose is not news. */
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
});
