using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Pipeline.Publishing;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>Registers what finds things: search, series, observations, saved queries, limits.</summary>
internal static class FindServices
{
    /// <summary>
    /// Adds them. Settings: <c>Pipeline:SearchIndexBytes</c> (default 512 MiB; datasets beyond it are found by their titles alone) and
    /// <c>Pipeline:ExcerptCacheBytes</c> (default 64 MiB).
    /// </summary>
    public static IServiceCollection AddFind(this IServiceCollection services, IConfiguration configuration) => services
        .AddSingleton(p => new SearchUpkeep(p.GetRequiredService<DatasetIndex>(), configuration.GetValue("Pipeline:SearchIndexBytes", SearchUpkeep.DefaultBytes)))
        .AddSingleton(p => new Excerpts(p.GetRequiredService<Storage>(), configuration.GetValue("Pipeline:ExcerptCacheBytes", 64L << 20)))
        .AddSingleton(p => new SearchApi(p.GetRequiredService<Catalogue>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<Cursor>(), p.GetRequiredService<SearchUpkeep>()))
        .AddSingleton(p => new SeriesApi(p.GetRequiredService<Catalogue>(), p.GetRequiredService<VersionQueries>(), p.GetRequiredService<AnswerSender>()))
        .AddSingleton(p => new ObservationApi(
            p.GetRequiredService<Catalogue>(), p.GetRequiredService<VersionQueries>(), p.GetRequiredService<AnswerSender>(), p.GetRequiredService<Ledger>(), p.GetRequiredService<Excerpts>()))
        .AddSingleton(p => new SavedQueries(p.GetRequiredService<Storage>()))
        .AddSingleton(p => new SavedQueryApi(p.GetRequiredService<SavedQueries>(), p.GetRequiredService<DataApi>()))
        .AddSingleton(p => new LimitsApi(configuration, p.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits));
}
