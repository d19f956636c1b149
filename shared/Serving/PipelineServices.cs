using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pipeline.Publishing;
using Pipeline.Querying;
using Pipeline.Understanding;

namespace Pipeline.Serving;

/// <summary>Registers what the functions are made of.</summary>
public static class PipelineServices
{
    /// <summary>
    /// Adds the pipeline. Settings: <c>AzureWebJobsStorage</c> (see <see cref="Storage.Connect"/>; read when first needed), <c>Pipeline:MaxUploadBytes</c>
    /// (default 2 GiB), <c>Pipeline:QueryCacheBytes</c> (default 256 MiB), <c>Pipeline:AnswerCacheBytes</c> (default 64 MiB), <c>Pipeline:PatienceSeconds</c> (default 60: how long a
    /// client may leave an answer unread before its connection is closed), <c>Pipeline:LeastConfidence</c> (default 0.6; see <see cref="Ingestion.LeastConfidence"/>), <c>Pipeline:CursorKey</c>
    /// (any text, the same on all hosts of an app), <c>Pipeline:Agency</c> and <c>Pipeline:AgencyName</c> (who maintains the artefacts, for SDMX; default <c>PIPELINE</c>), and those of <see cref="HarvestSite"/>.
    /// </summary>
    public static IServiceCollection AddPipeline(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        // A cursor says only where to go on reading public data: without a key of its own, an app still notices cursors that were changed by hand.
        var cursorKey = Encoding.UTF8.GetBytes(configuration["Pipeline:CursorKey"] ?? "pipeline");
        var site = new HarvestSite(configuration);
        return services
            .AddSingleton(_ => Storage.Connect(configuration))
            .AddSingleton<DatasetIndex>()
            .AddSingleton<Ledger>()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(p => new Ingestion(p.GetRequiredService<Storage>(), p.GetRequiredService<DatasetIndex>(), p.GetRequiredService<Ledger>(), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<Ingestion>>())
            {
                LeastConfidence = configuration.GetValue("Pipeline:LeastConfidence", ReleaseContext.DefaultLeastConfidence),
            })
            .AddSingleton<Catalogue>()
            .AddSingleton<KnownFacts>()
            .AddSingleton(provider => new VersionQueries(provider.GetRequiredService<Storage>(), configuration))
            .AddSingleton(p => new AnswerSender(
                p.GetRequiredService<Catalogue>(), configuration.GetValue("Pipeline:AnswerCacheBytes", 64L << 20), TimeSpan.FromSeconds(configuration.GetValue("Pipeline:PatienceSeconds", 60.0))))
            .AddSingleton(new Cursor(cursorKey))
            .AddSingleton(p => new DatasetApi(p.GetRequiredService<Catalogue>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<Cursor>()))
            .AddSingleton(p => new DataApi(
                p.GetRequiredService<Catalogue>(), p.GetRequiredService<VersionQueries>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<Cursor>(),
                p.GetRequiredService<Storage>(), site))
            .AddSingleton(p => new ChangesApi(
                p.GetRequiredService<Catalogue>(), p.GetRequiredService<VersionQueries>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<Cursor>(), site))
            .AddSingleton(new SdmxAgency(configuration["Pipeline:Agency"] ?? SdmxAgency.DefaultId, configuration["Pipeline:AgencyName"] ?? "Pipeline"))
            .AddSingleton(p => new SdmxDataApi(
                p.GetRequiredService<Catalogue>(), p.GetRequiredService<VersionQueries>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<SdmxAgency>()))
            .AddSingleton(p => new SdmxStructureApi(
                p.GetRequiredService<Catalogue>(), p.GetRequiredService<VersionQueries>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<SdmxAgency>()))
            .AddSingleton(p => new HarvestApi(p.GetRequiredService<Catalogue>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<Cursor>(), site, p.GetRequiredService<KnownFacts>()))
            .AddSingleton(p => new JsonStatApi(p.GetRequiredService<Catalogue>(), p.GetRequiredService<AnswerSender>(), site, p.GetRequiredService<KnownFacts>()))
            .AddSingleton(p => new PxWebApi(
                p.GetRequiredService<Catalogue>(), p.GetRequiredService<VersionQueries>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<SavedQueries>(), site))
            .AddSingleton(p => new PxSavedQueryApi(p.GetRequiredService<PxWebApi>(), p.GetRequiredService<SavedQueries>(), p.GetRequiredService<AnswerSender>(), site))
            .AddSingleton(p => new ODataApi(
                p.GetRequiredService<Catalogue>(), p.GetRequiredService<VersionQueries>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<Cursor>(), site))
            .AddSingleton(p => new ReleaseApi(p.GetRequiredService<Storage>(), p.GetRequiredService<Ledger>(), p.GetRequiredService<Ingestion>(), configuration))
            .AddFind(configuration)
            .AddSingleton(p => new PageApi(p.GetRequiredService<Catalogue>(), p.GetRequiredService<AnswerSender>()))
            .AddSingleton(p => new UnknownAddress(p.GetRequiredService<Catalogue>()));
    }
}
