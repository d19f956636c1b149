using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Pipeline.Publishing;

namespace Pipeline.Functions;

/// <summary>What happens without anyone asking: uploads are taken in, and what waits or was left behind is tended.</summary>
public sealed class IngestFunctions(Ingestion ingestion)
{
    [Function("IngestRelease")]
    public Task Ingest(
        [BlobTrigger("releases/{name}", Source = BlobTriggerSource.EventGrid, Connection = "AzureWebJobsStorage")] BlobClient blob,
        string name,
        CancellationToken cancellationToken) => ingestion.RunAsync(name, cancellationToken);

    [Function("Tend")]
    public Task Tend([TimerTrigger("0 * * * * *")] TimerInfo timer, CancellationToken cancellationToken) => ingestion.TendAsync(cancellationToken);
}
