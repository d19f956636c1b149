using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Azure;
using Azure.Data.Tables;
using Microsoft.AspNetCore.Http;
using Pipeline.Publishing;

namespace Pipeline.Serving;

/// <summary>Keeps queries for good, each under an id that its text gives: the same query is kept once.</summary>
internal sealed class SavedQueries(Storage storage)
{
    private const string Digits = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>Keeps a query. Twelve characters tell queries apart; should two ever meet in them, the later one gets more.</summary>
    public async Task<(string Id, bool IsNew)> StoreAsync(JsonObject query, CancellationToken cancellationToken)
    {
        var json = query.ToJsonString(Json.Options);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(json));
        foreach (var length in (int[])[12, 20, 50])
        {
            var id = IdOf(hash, length);
            try
            {
                await storage.QueriesTable.AddEntityAsync(DatasetIndex.Pack(id[..2], _ => id, json).Single(), cancellationToken);
                return (id, true);
            }
            catch (RequestFailedException e) when (e.Status == StatusCodes.Status409Conflict)
            {
                if (await TextAsync(id, cancellationToken) == json)
                    return (id, false);
            }
        }
        throw new InvalidOperationException("two queries with one hash");
    }

    /// <summary>The query of an id; null where there is none that has a member.</summary>
    /// <param name="id">The id.</param>
    /// <param name="member">What all queries of a face have, and no others.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<JsonObject?> FindAsync(string id, string member, CancellationToken cancellationToken) =>
        id.Length is >= 12 and <= 50 && id.All(Digits.Contains) && await TextAsync(id, cancellationToken) is { } text
            && JsonNode.Parse(text)!.AsObject() is var query && query.ContainsKey(member) ? query : null;

    private static string IdOf(byte[] hash, int length)
    {
        var id = new char[length];
        var (bits, left, next) = (0, 0, 0);
        for (var i = 0; i < length; i++)
        {
            if (left < 5)
                (bits, left) = (((bits & 0xf) << 8) | hash[next++], left + 8);
            left -= 5;
            id[i] = Digits[(bits >> left) & 31];
        }
        return new string(id);
    }

    private async Task<string?> TextAsync(string id, CancellationToken cancellationToken)
    {
        var row = await storage.QueriesTable.GetEntityIfExistsAsync<TableEntity>(id[..2], id, cancellationToken: cancellationToken);
        return row.HasValue ? DatasetIndex.Unpack<string>([row.Value!]) : null;
    }
}
