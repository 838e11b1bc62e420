//! Tenants and tokens: the only rows that no tenant's scope covers, because they decide it.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    Page, Scope, Store, StoreError,
    entities::{tenant, token},
    unique::Unique,
};

impl Store {
    /// Whether nobody can log in yet: the database is new.
    pub async fn has_no_tokens(&self) -> Result<bool, StoreError> {
        Ok(token::Entity::find().count(self.read()).await? == 0)
    }

    /// Adds a tenant.
    pub async fn insert_tenant(&self, tenant: tenant::Model) -> Result<(), StoreError> {
        tenant::Entity::insert(tenant.into_active_model()).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// One tenant.
    pub async fn tenant(&self, id: Uuid) -> Result<Option<tenant::Model>, StoreError> {
        Ok(tenant::Entity::find_by_id(id).unique(self.read()).await?)
    }

    /// All tenants, page by page.
    pub async fn tenants(&self, page: Page) -> Result<Vec<tenant::Model>, StoreError> {
        let mut query = tenant::Entity::find().order_by_asc(tenant::Column::Id).limit(page.limit);
        if let Some(after) = page.after {
            query = query.filter(tenant::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// Changes a tenant's name, zone, limits and allow-list.
    pub async fn update_tenant(&self, tenant: tenant::Model) -> Result<(), StoreError> {
        let change = tenant::ActiveModel {
            id: Set(tenant.id),
            name: Set(tenant.name),
            time_zone: Set(tenant.time_zone),
            limits: Set(tenant.limits),
            http_allow: Set(tenant.http_allow),
            send_rate: Set(tenant.send_rate),
            channel_rates: Set(tenant.channel_rates),
            stop_words: Set(tenant.stop_words),
            ..Default::default()
        };
        tenant::Entity::update(change).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// A tenant's limits, as stored: absent fields are the defaults.
    pub async fn tenant_limits(&self, scope: Scope) -> Result<Value, StoreError> {
        Ok(self.tenant(scope.0).await?.map_or(Value::Null, |tenant| tenant.limits.into()))
    }

    /// A tenant's own words by which contacts ask to be left alone.
    pub async fn stop_words(&self, scope: Scope) -> Result<Vec<String>, StoreError> {
        let stored = self.tenant(scope.0).await?.and_then(|tenant| tenant.stop_words);
        let words = stored.map(|words| serde_json::from_value(words.0)).transpose();
        Ok(words.map_err(|_| StoreError::Corrupt("stop words".to_owned()))?.unwrap_or_default())
    }

    /// Adds a token.
    pub async fn insert_token(&self, token: token::Model) -> Result<(), StoreError> {
        token::Entity::insert(token.into_active_model()).exec_without_returning(self.write()).await?;
        Ok(())
    }

    /// The token of that hash, and its tenant.
    pub async fn token_by_hash(&self, hash: &str) -> Result<Option<(token::Model, Option<tenant::Model>)>, StoreError> {
        let Some(token) = token::Entity::find().filter(token::Column::Hash.eq(hash)).unique(self.read()).await? else {
            return Ok(None);
        };
        let tenant = match token.tenant_id {
            Some(id) => self.tenant(id).await?,
            None => None,
        };
        Ok(Some((token, tenant)))
    }

    /// A tenant's tokens.
    pub async fn tokens(&self, scope: Scope, page: Page) -> Result<Vec<token::Model>, StoreError> {
        let mut query = token::Entity::find()
            .filter(token::Column::TenantId.eq(scope.0))
            .order_by_asc(token::Column::Id)
            .limit(page.limit);
        if let Some(after) = page.after {
            query = query.filter(token::Column::Id.gt(after));
        }
        Ok(query.all(self.read()).await?)
    }

    /// Removes a token; false where the tenant has none of that id.
    pub async fn delete_token(&self, scope: Scope, id: Uuid) -> Result<bool, StoreError> {
        let deleted = token::Entity::delete_many()
            .filter(token::Column::Id.eq(id))
            .filter(token::Column::TenantId.eq(scope.0))
            .exec(self.write())
            .await?;
        Ok(deleted.rows_affected > 0)
    }

    /// The first tenant of that name: at start, to find `default` again.
    pub async fn tenant_by_name(&self, name: &str) -> Result<Option<tenant::Model>, StoreError> {
        let query = tenant::Entity::find().filter(tenant::Column::Name.eq(name)).order_by_asc(tenant::Column::Id);
        Ok(query.one(self.read()).await?)
    }
}
