using Pipeline.Publishing;
using Pipeline.Querying;

namespace Pipeline.Serving;

/// <summary>What catalogues say of datasets, made of their structures once a version and kept.</summary>
/// <param name="catalogue">What is published.</param>
internal sealed class KnownFacts(Catalogue catalogue)
{
    private const int Lookups = 16;
    private readonly ByteCache facts = new(32L << 20);

    /// <summary>The facts of the latest versions of datasets, in their order.</summary>
    public async Task<IReadOnlyList<DatasetFacts>> OfAsync(IReadOnlyList<DatasetSummary> datasets, CancellationToken cancellationToken)
    {
        var all = new DatasetFacts[datasets.Count];
        await Parallel.ForAsync(0, datasets.Count, new ParallelOptions { MaxDegreeOfParallelism = Lookups, CancellationToken = cancellationToken }, async (i, token) =>
        {
            var (dataset, key) = (datasets[i], datasets[i].Latest.File);
            if (facts.Find<DatasetFacts>(key) is { } known)
            {
                all[i] = known;
                return;
            }
            all[i] = DatasetFacts.Of(await catalogue.AtAsync(dataset.Id, dataset.Latest, token), await catalogue.IssuedAsync(dataset, token));
            facts.Keep(key, all[i], all[i].Bytes);
        });
        return all;
    }

    /// <summary>The facts of a dataset at a version.</summary>
    public async Task<DatasetFacts> OfAsync(DatasetAtVersion at, CancellationToken cancellationToken) =>
        DatasetFacts.Of(at, await catalogue.IssuedAsync(await catalogue.FindAsync(at.Structure.Id, cancellationToken), cancellationToken));
}
