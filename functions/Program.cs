using Azure.Identity;
using Azure.Monitor.OpenTelemetry.Exporter;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Serving;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

// Only the Functions host reaches this Kestrel, and the host has its own limit (FUNCTIONS_REQUEST_BODY_SIZE_LIMIT):
// Kestrel's 30 MB would refuse an upload that the host has already let in.
builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);

// A request writes several lines in each of these; at millions of reads they would cost more than the reads.
builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
builder.Logging.AddFilter("System", LogLevel.Warning);
builder.Logging.AddFilter("Azure", LogLevel.Warning);

var telemetry = builder.Services.AddOpenTelemetry().UseFunctionsWorkerDefaults();
if (!string.IsNullOrEmpty(builder.Configuration["APPLICATIONINSIGHTS_CONNECTION_STRING"]))
{
    telemetry.UseAzureMonitorExporter(monitor =>
    {
        monitor.Credential = new DefaultAzureCredential();
        // Traces are sampled (OTEL_TRACES_SAMPLER); logs are not, because the alert on failed releases reads them.
        monitor.EnableTraceBasedLogsSampler = false;
    });
}

builder.Services.AddPipeline(builder.Configuration);

builder.Build().Run();
